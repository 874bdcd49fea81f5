"""What can be done on the screens: screens to build on, and the work in threads behind them."""
