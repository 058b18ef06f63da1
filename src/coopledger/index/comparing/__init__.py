"""The index held against one that is made anew."""
