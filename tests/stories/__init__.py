"""Stories: whole runs through the command line, in a process of their own."""
