"""The command line `bitget-margin`: one module a command (`cli.commands`), and what the commands are made of."""
