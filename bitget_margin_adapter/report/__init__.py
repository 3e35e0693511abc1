"""A report as one HTML file that needs nothing else: `content` is what goes in, `page.write` what comes out.

It knows nothing of the demonstration: candles, marks, lines and tables are plain data, whoever made them.
"""
