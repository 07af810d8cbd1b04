collect_ignore_glob = ["test_vessel_sld_segmentation*.py"]  # they run in the Model Zoo; test_submission.py runs them
