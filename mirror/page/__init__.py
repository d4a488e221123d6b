"""Pages that are files: what they are made of, how their figures are drawn, how they are written.

A page is a `mirror.page.parts.Document`. `mirror.page.html` makes one HTML file of it, which loads
nothing and needs no script.
"""
