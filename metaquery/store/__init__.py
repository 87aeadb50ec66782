"""The only room that writes our files: spool, typed tables, snapshots, journal."""
