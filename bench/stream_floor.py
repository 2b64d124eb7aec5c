"""The floor of streaming: a bare driver loop that writes all plants of a genus to its standard output, as JSON.

`python -m bench.stream_floor KEYSPACE GENUS` does so once for each line that it reads. The driver's own pages, the
service's columns and page size; each page is written with one call of orjson.
"""

import sys

import orjson
from cassandra.query import tuple_factory

from bench import floor
from taskapp.cassandra.mapper import stream


def main(keyspace: str, genus: str) -> None:
    """Write the plants once for each line of standard input."""
    session = floor.connect(keyspace)
    session.cluster.profile_manager.default.row_factory = tuple_factory
    # The whole of it is one request to the driver.
    session.cluster.profile_manager.default.request_timeout = 600
    plants = session.prepare("SELECT genus, species, sightings FROM plants WHERE genus = ?")
    plants.fetch_size = stream.NEXT
    for _ in sys.stdin:
        write(session.execute(plants, (genus,)))


def write(result) -> None:
    """Write an answer page by page."""
    out, before = sys.stdout.buffer, b"["
    while True:
        page = [{"genus": genus, "species": species, "sightings": sightings}
                for genus, species, sightings in result.current_rows]
        # The last page is empty when the one before was just full.
        if page:
            out.write(before + orjson.dumps(page)[1:-1])
            out.flush()
            before = b","
        if not result.has_more_pages:
            break
        result.fetch_next_page()
    out.write(b"]\n")
    out.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
