"""The model card as the registry has it now: which version it is, who promoted it, and what it was compared with."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from domain.errors import LanewiseError
from store.current import CHALLENGER, CHAMPION
from store.registry import Registry, Version
from store.succession import Appointment
from training.card import Card, Section, read_card
from training.card_page import html_of, markdown_of
from training.evidence import evidence_of

CARD_JSON, CARD_HTML, CARD_MARKDOWN = "model_card.json", "model_card.html", "model_card.md"


def write_card(card: Card, folder: Path) -> None:
    """Write the card's two pages into a folder that holds its pictures by their paths."""
    images = {one.path: (folder / one.path).read_bytes() for one in card.pictures if (folder / one.path).is_file()}
    (folder / CARD_HTML).write_text(html_of(card, images), encoding="utf-8")
    (folder / CARD_MARKDOWN).write_text(markdown_of(card), encoding="utf-8")


def signed(card: Card, version: Version, appointments: Sequence[Appointment]) -> Card:
    """The card of a registered version, with what became of it."""
    concerns = [one.words for one in appointments if version.version in (one.version, one.before)]
    evidence = evidence_of(version.tags)
    told = [*concerns, *([f"Compared {evidence.words()}."] if evidence else [])]
    standing = "champion" if CHAMPION in version.aliases else "challenger" if CHALLENGER in version.aliases else ""
    words = f"It is the {standing}." if standing else "It is neither champion nor challenger."
    status = Section("Status", (words,) if concerns else (words, "Nobody has promoted it."), tuple(told))
    return card.opened_by(status, f"{version.name} version {version.version}")


def sign_card(registry: Registry, name: str, version: str) -> str:
    """Log a version's card anew in its run; say what went wrong, or nothing.

    A version of a time without cards has none, which is nothing wrong.
    """
    from mlflow.exceptions import MlflowException

    try:
        found = registry.version(name, version)
        client = registry.client()
        if CARD_JSON not in {one.path for one in client.list_artifacts(found.run_id)}:
            return ""
        with TemporaryDirectory() as scratch:
            card = read_card(Path(client.download_artifacts(found.run_id, CARD_JSON, scratch)).read_text("utf-8"))
            for folder in sorted({one.path.partition("/")[0] for one in card.pictures}):
                client.download_artifacts(found.run_id, folder, scratch)
            write_card(signed(card, found, registry.appointments(name)), Path(scratch))
            for page in (CARD_HTML, CARD_MARKDOWN):
                client.log_artifact(found.run_id, str(Path(scratch, page)))
    except (MlflowException, LanewiseError, OSError) as error:
        return f"the model card of {name} {version} does not say so: it could not be written anew ({error})"
    return ""
