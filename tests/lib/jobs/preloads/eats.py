"""Takes more memory than the worker may."""

eaten = bytearray(300_000_000)
for _page in range(0, len(eaten), 4096):
    eaten[_page] = 1
