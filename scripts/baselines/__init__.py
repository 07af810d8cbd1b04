"""What 3D-SLD is compared with: supervised networks and classical filters."""
