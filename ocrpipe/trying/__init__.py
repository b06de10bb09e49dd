"""One field, drawn by hand, dropped or drawn at random: read live, with every step of the reading shown.

`kinds` says what may be read, `seeing` reads it and tells all that it saw, `cuts` how the lattice is drawn, `verdict`
why it was believed or not, `sampling` draws samples; `app` is the page over them.
"""
