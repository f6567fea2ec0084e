"""What keeps the books when a machine is lost: backups, and the way back to a chosen second."""
