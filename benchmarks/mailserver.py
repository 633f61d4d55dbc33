"""A mail server that takes everything and says which message it took when.

As a process of its own, `python -m benchmarks.mailserver` prints the port on loopback where it
listens, then a line for each message: seconds since 1970, and the Message-ID.
"""

import asyncio
import re
import time

LONGEST = 2**24
MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^>]*)>", re.IGNORECASE | re.MULTILINE)
ANSWERS = {
    b"EHLO": b"250-benchmark\r\n250 8BITMIME\r\n",
    b"DATA": b"354 Go on\r\n",
    b"QUIT": b"221 Bye\r\n",
}


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take what one client sends (RFC 5321, as far as it is needed)."""
    writer.write(b"220 benchmark\r\n")
    while line := await reader.readline():
        word = line[:4].upper()
        writer.write(ANSWERS.get(word.strip(), b"250 OK\r\n"))
        if word == b"QUIT":
            break
        if word == b"DATA":
            try:
                content = await reader.readuntil(b"\r\n.\r\n")
            except asyncio.IncompleteReadError:
                break
            found = MESSAGE_ID.search(content)
            print(time.time(), found[1].decode() if found else "", flush=True)
            writer.write(b"250 OK\r\n")
    await writer.drain()
    writer.close()


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.start_server(converse, "127.0.0.1", 0, limit=LONGEST)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
