"""A process that takes all the memory it gets, within the limits of the one that reads Word files."""

import resource

from foundation.office.docx.child import BYTES

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (BYTES // 4, BYTES // 4))
    kept = []
    while True:
        kept.append(bytearray(16 * 1024**2))
