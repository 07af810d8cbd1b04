"""Names of files as text that can be written anywhere."""

from __future__ import annotations


def printable(name: str) -> str:
    r"""A file name whose bytes are no UTF-8 with these as `%` and two hexadecimal digits, as in addresses.

    Example:
        >>> printable(b"na\xefve".decode(errors="surrogateescape"))
        'na%EFve'
    """
    return "".join(f"%{ord(c) - 0xDC00:02X}" if 0xDC80 <= ord(c) <= 0xDCFF else c for c in name)
