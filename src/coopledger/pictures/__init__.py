"""What a ticket and a member's card look like: plain values in, SVG text out.

A picture uses nothing from outside (no web font, script, style sheet or image), so it is the same
wherever it is opened, and safe to show as an image.
"""
