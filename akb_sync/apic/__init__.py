"""What the fabric has, and the writes to it: session, subscription, view, writer."""
