"""What the 3D Slicer module does outside Slicer. Slicer would take a file beside the module for a module, too."""
