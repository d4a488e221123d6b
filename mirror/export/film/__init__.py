"""A session as a film: both people, the phase dial, the timeline and the sentence, frame by frame.

`layout` says where things are, `look` how they look; `ground` paints what stays, `skeleton` and
`frames` what moves, `typeface` writes names, and `writing` makes the file.
"""
