"""Parts of pages that stand alone: a frame that allows nothing from outside, highlighted code, and the parts of the HTML report."""
