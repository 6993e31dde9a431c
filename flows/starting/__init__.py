"""Starting: a township's own folder from its roster, and the folder of the year after."""
