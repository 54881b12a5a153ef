"""History scanned on a Dask cluster: each entity of a stream is a pass of its own, its keys dealt out to parts.

The sums of a key depend on that key's events only, in their order, so whoever scans them finds the same bits. Sums
come back in blocks of time; what joins the entities of a subject, like shrinkage to the parent, is done by the asker.
"""

import asyncio
import atexit
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from domain.errors import LanewiseError
from domain.manifest import Manifest
from features.frame import catalogue_hash
from features.memory import BLOCK, Events, Layout, Memory
from features.past import Past, Remembered, read_back
from features.records import Array, Columns, Floats, Moments, Names
from features.source import Reader, Source

if TYPE_CHECKING:
    from distributed import Client, Future, LocalCluster

LOCAL = "local:"
"""Before a number of worker processes on this machine."""
STANDARD_OUTPUT = 1
PATIENCE_S = 5
"""How long a scheduler, and then its first worker, may take to answer."""


@dataclass(frozen=True)
class Share:
    """Events of one entity, of the keys that fall to one part.

    Attributes
    ----------
    layout
        That entity alone, with the half-lives that it is kept with.
    keys
        Slots of these keys in the whole stream, ascending.
    events
        Their events; slots, shape (n, 1), are places among ``keys``.
    """

    layout: Layout
    keys: Names
    events: Events

    def sums(self, as_of: Moments, slots: Names) -> Floats:
        """Sums of m questions by ascending ``as_of``, shape (m, half-lives kept, 1 + values)."""
        told = self.events
        mine = Events(_own(told.known), _own(told.moments), _own(told.changes), _own(told.slots))
        places = np.minimum(np.searchsorted(self.keys, slots), self.keys.size - 1)
        found = np.where(self.keys[places] == slots, places, -1).astype(np.int32)
        memory = Memory(self.layout, self.keys.size)
        return memory.scan(mine, 0, _own(as_of), found[:, None])[0][:, 0]


@dataclass(frozen=True)
class Dealt:
    """Where a share lies: the entity's place in the stream, the part, and the share on the cluster."""

    entity: int
    part: int
    share: "Future"


@dataclass(frozen=True)
class Scanned:
    """Sums of one share on the cluster: ``rows`` of the questions they answer, ascending."""

    entity: int
    rows: NDArray[np.int64]
    sums: "Future"


class Cluster:
    """Scans the history of any past on a Dask cluster, where each stream's events are sent once.

    Parameters
    ----------
    parts
        Into how many parts the keys of an entity are dealt; by default one for each thread of the cluster.

    Attributes
    ----------
    alone
        Held by whoever needs all workers at the same time: two of them would wait for each other's for ever.
    """

    def __init__(self, client: "Client", parts: int | None = None) -> None:
        self._client = client
        self.alone = Lock()
        self._parts = parts or max(1, sum(client.nthreads().values()))
        self._dealt: WeakKeyDictionary[Remembered, list[Dealt]] = WeakKeyDictionary()

    @property
    def client(self) -> "Client":
        """Dask's own object, for what else is done on the cluster."""
        return self._client

    def expect_alike(self, asked: Callable[[], str], does: str) -> None:
        """Refuse workers that answer otherwise than this process what code they have.

        Raises
        ------
        LanewiseError
            With what such a worker ``does`` otherwise, and what to install.
        """
        _check_alike(self._client, self._client.scheduler.address, asked, does)

    def over(self, past: Past) -> Source:
        """The same answers as the past's own."""
        return _Spread(past, self)

    def recall(self, kept: Remembered, who: Columns, as_of: Moments, read: Reader) -> Floats:
        """What :meth:`features.past.Remembered.recall` finds.

        Raises
        ------
        LanewiseError
            If the cluster was lost meanwhile.
        """
        slots, order = kept.slots.of(who), np.argsort(as_of, kind="stable")
        with losses_told("history was scanned"):
            return read_back(self._answers(kept, as_of[order], slots[order]), order, read)

    def _answers(self, kept: Remembered, as_of: Moments, slots: Names) -> Iterator[Floats]:
        scans = self._scan(kept, as_of, slots)
        for begin in range(0, max(as_of.size, 1), BLOCK):
            yield self._block(kept.layout, scans, begin, min(begin + BLOCK, as_of.size))

    def _scan(self, kept: Remembered, as_of: Moments, slots: Names) -> list[Scanned]:
        """Set off a scan of every share that is asked about."""
        asked = [(dealt, self._rows(slots, dealt.entity, dealt.part)) for dealt in self._deal(kept)]
        asked = [(dealt, rows) for dealt, rows in asked if rows.size]
        sent = self._send([(as_of[rows], slots[rows, dealt.entity]) for dealt, rows in asked])
        return [
            Scanned(dealt.entity, rows, self._client.submit(_sums, dealt.share, questions, pure=False))
            for (dealt, rows), questions in zip(asked, sent, strict=True)
        ]

    def _block(self, layout: Layout, scans: list[Scanned], begin: int, end: int) -> Floats:
        """Sums of questions ``begin`` to ``end``, shape (end − begin, entities, half-lives, 1 + values)."""
        answers = np.zeros((end - begin, *layout.shape))
        bounds = [np.searchsorted(scan.rows, (begin, end)).tolist() for scan in scans]
        pieces = self._client.gather(
            [
                self._client.submit(_between, scan.sums, low, high, pure=False)
                for scan, (low, high) in zip(scans, bounds, strict=True)
            ]
        )
        for scan, (low, high), sums in zip(scans, bounds, pieces, strict=True):
            rows, spans = scan.rows[low:high] - begin, np.flatnonzero(layout.kept[scan.entity])
            answers[rows[:, None], scan.entity, spans] = sums
        return answers

    def _deal(self, kept: Remembered) -> list[Dealt]:
        if kept not in self._dealt:
            shares = [
                (entity, part, _share(kept, entity, rows))
                for entity in range(len(kept.layout.entities))
                for part in range(self._parts)
                if (rows := self._rows(kept.events.slots, entity, part)).size
            ]
            sent = self._send([share for *_, share in shares])
            self._dealt[kept] = [Dealt(e, part, share) for (e, part, _), share in zip(shares, sent, strict=True)]
        return self._dealt[kept]

    def _rows(self, slots: Names, entity: int, part: int) -> NDArray[np.int64]:
        """Rows whose key of an entity falls to a part."""
        column = slots[:, entity]
        return np.flatnonzero((column >= 0) & (column % self._parts == part))

    def _send(self, what: list[Any]) -> "list[Future]":
        return list(self._client.scatter(what, hash=False)) if what else []


class _Spread:
    """A past whose history is scanned on a cluster."""

    def __init__(self, past: Past, cluster: Cluster) -> None:
        self._past = past
        self._cluster = cluster
        self.layout = past.layout
        self.readings, self.reading = past.readings, past.reading
        self.reached, self.offered = past.reached, past.offered

    @property
    def manifest(self) -> Manifest:
        return self._past.manifest

    def recall(self, stream: str, who: Columns, as_of: Moments, read: Reader) -> Floats:
        kept = self._past.remembered(stream)
        assert kept is not None, f"{stream} was never told anything"
        return self._cluster.recall(kept, who, as_of, read)


def _share(kept: Remembered, entity: int, rows: NDArray[np.int64]) -> Share:
    layout, told = kept.layout, kept.events
    spans = tuple(days for days, one in zip(layout.stream.half_lives_days, layout.kept[entity], strict=True) if one)
    alone = replace(layout.entities[entity], half_lives_days=spans)
    keys, places = np.unique(told.slots[rows, entity], return_inverse=True)
    events = Events(told.known[rows], told.moments[rows], told.changes[rows], places.astype(np.int32)[:, None])
    return Share(Layout(replace(layout.stream, half_lives_days=spans), (alone,)), keys, events)


def _sums(share: Share, questions: tuple[Moments, Names]) -> Floats:
    return share.sums(*questions)


def _between(sums: Floats, begin: int, end: int) -> Floats:
    return sums[begin:end]


def _own(array: Array) -> Array:
    """An array as the kernel was compiled for: what came over a wire may not be written to."""
    return np.require(array, requirements=["C", "W"])


# --- The cluster itself ----------------------------------------------------------------------------------------------


@contextmanager
def opened(where: str | None) -> Iterator[Cluster | None]:
    """A cluster for as long as it is used; ``None`` where none is wanted.

    Parameters
    ----------
    where
        The address of a Dask scheduler, or ``local:N`` for N worker processes on this machine.

    Raises
    ------
    LanewiseError
        If Dask is not installed, no scheduler answers there, it has no workers, or those have other code.
    """
    if where is None:
        yield None
        return
    with _local(int(where.removeprefix(LOCAL))) if where.startswith(LOCAL) else _reached(where) as client:
        yield Cluster(client)


@contextmanager
def _local(workers: int) -> "Iterator[Client]":
    distributed = _dask()
    with (
        _started(workers) as cluster,
        distributed.Client(cluster, set_as_default=False, direct_to_workers=True) as client,
    ):
        client.run(_mute)
        yield client


def _mute() -> None:
    """Standard output is the command's; a library that prints in another process would write into its answer."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, STANDARD_OUTPUT)
    os.close(nowhere)


def _started(workers: int) -> "LocalCluster":
    from distributed import LocalCluster
    from distributed.deploy.spec import close_clusters

    try:
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",  # any port, so that several may run at once
            silence_logs=logging.CRITICAL,
        )
    except KeyboardInterrupt:
        # A cluster that is half up cannot be closed, and says so at the end; its processes end with this one.
        atexit.unregister(close_clusters)
        raise


@contextmanager
def _reached(address: str) -> "Iterator[Client]":
    distributed = _dask()
    # Asked first, because a client would wait for ever for the greeting of something else that listens there.
    came = asyncio.run(_instead_of_scheduler(address))
    if came:
        raise LanewiseError(
            f"--cluster {address}: a Dask scheduler was expected there, but {came} answered within {PATIENCE_S} s; "
            "start one with `dask scheduler`, or use --cluster local:N on this machine"
        )
    with distributed.Client(address, timeout=PATIENCE_S, set_as_default=False) as client:
        _check_workers(client, address)
        yield client


async def _instead_of_scheduler(address: str) -> str:
    """What answers there if it is no scheduler, else nothing to say."""
    from distributed import Security, rpc

    try:
        async with rpc(address, connection_args=Security().get_connection_args("client")) as there:
            kind = str((await asyncio.wait_for(there.identity(), PATIENCE_S))["type"])
            return "" if kind == "Scheduler" else f"a Dask {kind.lower()}"
    except TimeoutError:
        return "nothing"
    except (OSError, TypeError) as error:  # refused, or a TLS that is not configured
        return f"only {_first_line(error)!r}"


def _check_workers(client: "Client", address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=PATIENCE_S)
    except TimeoutError:
        raise LanewiseError(
            f"--cluster {address}: the scheduler has no workers after {PATIENCE_S} s; start some with "
            f"`dask worker {address}`, where this version of lanewise is installed"
        ) from None
    _check_alike(client, address, catalogue_hash, "define features")


def _check_alike(client: "Client", address: str, asked: Callable[[], str], does: str) -> None:
    try:
        other = [worker for worker, found in client.run(asked).items() if found != asked()]
    except Exception as error:  # a worker without the module raises no ImportError, but one that only says so
        raise LanewiseError(
            f"--cluster {address}: a worker cannot say with what code it would {does} ({_first_line(error)}); install "
            "this version of lanewise wherever a worker runs"
        ) from None
    if other:
        raise LanewiseError(
            f"--cluster {address}: {len(other)} workers, such as {other[0]}, {does} otherwise than this "
            "process; install the same version of lanewise there"
        )


def _dask() -> Any:
    try:
        import distributed
    except ImportError:
        raise LanewiseError(
            "--cluster needs Dask, which is not installed here; install it with `pip install 'lanewise[cluster]'`"
        ) from None
    if not logging.getLogger().isEnabledFor(logging.INFO):
        # What went wrong is said once, by the exception.
        for name in ("distributed", "distributed.client"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    return distributed


@contextmanager
def losses_told(doing: str) -> Iterator[None]:
    """Say in one message that workers or the scheduler were lost meanwhile.

    Raises
    ------
    LanewiseError
        With what was being done, and what to do.
    """
    from distributed import CancelledError, KilledWorker

    try:
        yield
    except (KilledWorker, CancelledError, OSError) as error:
        raise LanewiseError(
            f"the cluster lost workers or its scheduler while {doing} ({_first_line(error)}); nothing was "
            "written: see to its memory, and run the command again"
        ) from None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0] or type(error).__name__
