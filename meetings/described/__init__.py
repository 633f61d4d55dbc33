"""What programs read of meetings, of each as much as its viewer may see: schemas and values."""
