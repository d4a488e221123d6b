from hypothesis import strategies as st

CHARACTERS = st.characters(exclude_categories=["Cs"])
"""What texts consist of by default: all but lone surrogates.

Hypothesis' own default asks the UTF-8 codec about each code point, which takes seconds in a new
checkout.
"""
