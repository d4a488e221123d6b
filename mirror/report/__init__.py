"""Reports: what one recording shows, or how several compare, as a page that can be kept.

`reading` takes a recording's figures together, `movement` and `quality` what its poses say beyond
its rows; the modules named after figures draw them; `single` and `comparison` make the page;
`writing` writes it.
"""
