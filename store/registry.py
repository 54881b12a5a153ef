"""MLflow's registry: versions of a model, their aliases, and the home's copies that follow them.

The only MLflow import below floor 5. MLflow takes seconds to import, so it is imported where it is used.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from domain.errors import LanewiseError, NotThere
from domain.moment import format_second
from domain.params import MlflowParams
from store.current import (
    CHALLENGER,
    CHAMPION,
    InService,
    copy_of,
    has_copy,
    in_service,
    keep_copy,
    put_in_service,
    vouch,
)
from store.succession import Appointment, Kind, line_of, next_tag, recorded
from store.telemetry import switch_off_telemetry
from store.tracking import tracking_uri
from store.updates import drop_update

if TYPE_CHECKING:
    from mlflow import MlflowClient


HASH_TAG = "sha256"
"""Tag of a version with the hash of its copy's content."""
EXPERIMENT_TAGS = {
    "mlflow.experimentKind": "custom_model_development",
    "mlflow.note.content": "Runs of `lanewise train`: each is one model of one data set, described by its model card.",
}
"""Tags of an experiment: its kind as MLflow names it, and the words with which MLflow's pages head it."""


@dataclass(frozen=True)
class Version:
    """One registered version; ``aliases`` may hold ``champion`` and ``challenger``."""

    name: str
    version: str
    run_id: str
    aliases: tuple[str, ...]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Logged:
    """A model logged in a run and to be registered as ``name``; ``folder`` is its own, ``model_uri`` MLflow's."""

    run_id: str
    model_uri: str
    name: str
    folder: Path
    tags: Mapping[str, str]


class Registry:
    """The registry of one home."""

    def __init__(self, home: Path, params: MlflowParams) -> None:
        self.home = home
        self.params = params
        self.uri = tracking_uri(home, params)

    def client(self) -> "MlflowClient":
        """A client of the home's tracking database, which is made where there is none."""
        switch_off_telemetry(os.environ)
        from mlflow import MlflowClient

        (self.home / "mlruns").mkdir(parents=True, exist_ok=True)
        return MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)

    def experiment_id(self) -> str:
        """The experiment of the settings, made on first use with its artifacts under the home."""
        client = self.client()
        found = client.get_experiment_by_name(self.params.experiment)
        if found is not None:
            return str(found.experiment_id)
        artifacts = (self.home / "mlruns" / "artifacts").resolve().as_uri()
        return str(client.create_experiment(self.params.experiment, artifacts, EXPERIMENT_TAGS))

    def versions(self) -> list[Version]:
        """Every registered version, by name and number."""
        client = self.client()
        ours = [one for one in _every(client.search_model_versions) if HASH_TAG in one.tags]
        aliases = self._aliases(client, {one.name for one in ours})
        found = [
            Version(v.name, str(v.version), v.run_id, aliases.get((v.name, str(v.version)), ()), dict(v.tags))
            for v in ours
        ]
        return sorted(found, key=lambda version: (version.name, int(version.version)))

    def version(self, name: str, version: str) -> Version:
        """One registered version.

        Raises
        ------
        NotThere
            If there is none; the message lists those there are.
        """
        known = self.versions()
        for candidate in known:
            if (candidate.name, candidate.version) == (name, version):
                return candidate
        listed = ", ".join(f"{v.name} {v.version}" for v in known) or "none"
        raise NotThere(f"there is no version {version} of {name}; registered versions: {listed}")

    def aliased(self, name: str, alias: str) -> Version:
        """The version that bears an alias.

        Raises
        ------
        NotThere
            If none does.
        """
        for candidate in self.versions():
            if candidate.name == name and alias in candidate.aliases:
                return candidate
        raise NotThere(f"{name} has no {alias}; `lanewise models` lists what there is")

    def figures(self, version: Version) -> dict[str, float]:
        """The pooled figures that were logged when a version was trained."""
        metrics = self.client().get_run(version.run_id).data.metrics
        return {str(name): float(value) for name, value in sorted(metrics.items()) if "/" not in name}

    def add(self, logged: Sequence[Logged]) -> list[Version]:
        """Register models as the next versions of their names: champion where there was none, else challenger.

        A version counts once it bears the hash of its copy, which comes after all versions and copies were made; only
        then does the first alias move. A process that dies meanwhile leaves nothing that anybody sees or uses.
        """
        client = self.client()
        made = [(model, self._created(client, model)) for model in logged]
        hashes = [keep_copy(self.home, model.name, version, model.folder) for model, version in made]
        for (model, version), sha256 in zip(made, hashes, strict=True):
            client.set_model_version_tag(model.name, version, HASH_TAG, sha256)
        for model, version in made:
            if CHAMPION in client.get_registered_model(model.name).aliases:
                client.set_registered_model_alias(model.name, CHALLENGER, version)
            else:
                self.crown(model.name, self._first(client, model.name, version))
        return [self.version(model.name, version) for model, version in made]

    @staticmethod
    def _created(client: "MlflowClient", model: Logged) -> str:
        from mlflow.exceptions import MlflowException

        try:
            client.get_registered_model(model.name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            client.create_registered_model(model.name)
        made = client.create_model_version(
            model.name, source=model.model_uri, run_id=model.run_id, tags=dict(model.tags)
        )
        return str(made.version)

    @staticmethod
    def _first(client: "MlflowClient", name: str, version: str) -> Appointment:
        """A name's first champion, as of when it was registered."""
        made = datetime.fromtimestamp(client.get_model_version(name, version).creation_timestamp / 1000, UTC)
        return Appointment(Kind.BOOTSTRAP, version, "", format_second(made), "bootstrap")

    def crown(self, name: str, appointed: Appointment) -> str:
        """Make a version the champion: first the alias, which is the truth, then the home's copy in service.

        A rollback is on record before the alias moves and all else after it, so that a process killed in between
        leaves a record from which the line of champions follows all the same.

        Returns
        -------
        str
            The sub-version whose update ends, such as ``3+1a2b3c4d``: a champion begins as it was trained. Empty where
            none was in service.

        Raises
        ------
        NotThere
            If there is no such version.
        DamagedFile
            If the home's record of what is in service cannot be read; nothing has moved then.
        """
        client = self.client()
        said = self.version(name, appointed.version)
        in_service(self.home)  # where it is damaged, that is told before anything moves
        self.tag(name, appointed.version, appointed.tags)
        if appointed.kind is Kind.ROLLBACK:
            self._record(client, name, appointed)
        client.set_registered_model_alias(name, CHAMPION, appointed.version)
        if appointed.kind is not Kind.ROLLBACK:
            self._record(client, name, appointed)
        if CHALLENGER in said.aliases:
            client.delete_registered_model_alias(name, CHALLENGER)
        dropped = drop_update(self.home, name, appointed.by, appointed.at, appointed.short)
        put_in_service(self.home, {name: InService(appointed.version, said.run_id, said.tags[HASH_TAG])})
        return dropped

    def tag(self, name: str, version: str, tags: Mapping[str, str]) -> None:
        """Set tags of a version."""
        client = self.client()
        for key, value in tags.items():
            client.set_model_version_tag(name, version, key, value)

    @staticmethod
    def _record(client: "MlflowClient", name: str, appointed: Appointment) -> None:
        client.set_registered_model_tag(name, *next_tag(client.get_registered_model(name).tags, appointed))

    def appointments(self, name: str) -> tuple[Appointment, ...]:
        """Every appointment of a champion that is on record, oldest first."""
        return recorded(self.client().get_registered_model(name).tags)

    def champion(self, name: str) -> str:
        """Number of the version that is champion; empty where none is."""
        return next((v.version for v in self.versions() if v.name == name and CHAMPION in v.aliases), "")

    def check_in_service(self, name: str) -> None:
        """Refuse where what is in service in the home is not the champion: nobody could say what is compared or left.

        Raises
        ------
        LanewiseError
            Says which command mends it.
        """
        current, champion = in_service(self.home).get(name), self.champion(name)
        serving = current.version if current else ""
        if serving != champion:
            raise LanewiseError(
                f"{name}: version {serving or 'none'} is in service, but the registry's champion is "
                f"{champion or 'none'}; `lanewise promote {name} {champion or serving}` mends it, then try again"
            )

    def copy(self, version: Version) -> Path:
        """Folder of a version's files in the home, which are those that were registered.

        Where the home lacks them, as a second one of the same tracking database does, they are fetched from MLflow.

        Raises
        ------
        NotThere
            If they are neither in the home nor to be had from MLflow.
        WrongModel
            If they were changed since they were registered.
        """
        if not has_copy(self.home, version.name, version.version):
            self._fetch(version)
        folder = copy_of(self.home, version.name, version.version)
        vouch(folder, version.name, version.version, version.tags[HASH_TAG])
        return folder

    def _fetch(self, version: Version) -> None:
        """Copy a version's files out of what MLflow keeps of it (``data/<model>`` of a logged pyfunc)."""
        client, sha256 = self.client(), version.tags[HASH_TAG]
        from mlflow.artifacts import download_artifacts
        from mlflow.exceptions import MlflowException

        with TemporaryDirectory(prefix="lanewise-fetched-") as scratch:
            try:
                uri = client.get_model_version_download_uri(version.name, version.version).rstrip("/")
                data = Path(download_artifacts(artifact_uri=f"{uri}/data", dst_path=scratch, tracking_uri=self.uri))
                (folder,) = data.iterdir()
            except (MlflowException, OSError, ValueError) as error:
                raise NotThere(
                    f"version {version.version} of {version.name} is registered, but its files are neither in "
                    f"{self.home} nor to be had from MLflow ({error}); put var/models/{version.name}/{version.version} "
                    "there from the home where it was trained"
                ) from None
            vouch(folder, version.name, version.version, sha256)
            keep_copy(self.home, version.name, version.version, folder, sha256)

    def before(self, name: str) -> Version:
        """The champion before the present one.

        Raises
        ------
        NotThere
            If the name is unknown, has no champion, or none was before it.
        """
        known = {version.name for version in self.versions()}
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise NotThere(f"there is no model {name}; registered models: {listed}")
        champion = self.aliased(name, CHAMPION)
        line = line_of(self.appointments(name), champion.version)
        if len(line) < 2:
            raise NotThere(
                f"version {champion.version} is the first champion of {name} on record, so there is none to go back to"
            )
        return self.version(name, line[-2])

    @staticmethod
    def _aliases(client: "MlflowClient", names: Iterable[str]) -> dict[tuple[str, str], tuple[str, ...]]:
        """Aliases of models by name and version; asked for by name, as the database may hold any number of others."""
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for name in names:
            for alias, version in client.get_registered_model(name).aliases.items():
                key = (name, str(version))
                found[key] = tuple(sorted((*found.get(key, ()), alias)))
        return found


def _every(search: Callable[..., Any]) -> Iterator[Any]:
    """All that a search of MLflow's finds, page after page."""
    page = search()
    yield from page
    while page.token:
        page = search(page_token=page.token)
        yield from page
