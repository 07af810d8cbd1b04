"""VesselSLD: 3D vessel segmentation guided by 2D vessel masks."""
