"""The command line of akb-sync: one module per command, one for rendering."""
