"""From neighbours to votes, guess and confidence."""
