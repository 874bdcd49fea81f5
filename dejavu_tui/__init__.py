"""dejavu: how much does a self-supervised image encoder remember of its single training images?"""

__version__ = "0.1.0"
