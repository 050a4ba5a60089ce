"""What the cluster wants: connection, list and watch, annotation, exposures."""
