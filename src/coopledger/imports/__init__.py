"""Other systems' files turned into plain orders: no database, no chain.

``files`` is the way in. It finds out what a file is and hands it to ``csv_reader`` (columns by
header, ``columns``) or ``pretix_json``; both bring rows into one shape that ``rows`` checks,
with the parsers of ``values``. ``mapping`` says what events, products and seats are called here.
"""
