"""What the screens say: lines, signs, and the commands that print the same."""
