"""The interactive face: filters typed at a prompt, or piped in, with the words and the numbers of the command line."""
