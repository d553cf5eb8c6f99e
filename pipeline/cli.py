"""The command ``claimledger``."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from pipeline.errors import PipelineError
from pipeline.version import VERSION

EXIT_OK, EXIT_SOME_REJECTED = 0, 1
_EPILOG = "Exit codes: 0 all well; 1 some input was rejected (see the table rejects) or the work failed; 2 wrong use; 130 interrupted."


def _command(function: Callable[..., int | None]) -> Callable[..., None]:
    """Turn errors into one line on stderr and an exit code; ``--debug`` shows the traceback."""

    @wraps(function)
    def wrapped(*args: Any, **options: Any) -> None:
        try:
            sys.exit(function(*args, **options) or EXIT_OK)
        except PipelineError as error:
            if click.get_current_context().find_root().params.get("debug"):
                raise
            click.echo(f"claimledger: {error}", err=True)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("claimledger: interrupted; run the same command again to go on where it stopped", err=True)
            sys.exit(130)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(EXIT_OK)

    return wrapped


@click.group(epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="claimledger")
@click.option("--debug", is_flag=True, help="Show a traceback for errors, and log what is done.")
def main(debug: bool) -> None:
    """Read a corpus of news and write tables of who asserted what about tariffs, rare earths and visas.

    Example: claimledger run corpus/news -o outputs
    """
    logging.basicConfig(level=logging.DEBUG if debug else logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    for noisy in ("trafilatura", "httpx", "urllib3", "htmldate", "py3langid"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


_OUTPUTS = click.argument("outputs", type=click.Path(path_type=Path, file_okay=False))
_CORPUS = click.argument("corpus", nargs=-1, required=True)
_INTO = click.option(
    "-o",
    "--outputs",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("outputs"),
    show_default=True,
    help="Folder of the tables.",
)
_CONFIG = click.option(
    "--config", "config_path", type=click.Path(path_type=Path, dir_okay=False), help="TOML file with settings; see docs/configuration.md."
)
_ENGINE = click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    help="Where shards are worked on.  [default: run.engine of the configuration, else local]",
)
_WORKERS = click.option(
    "--workers", type=click.IntRange(1), help="Processes that work at once.  [default: run.workers of the configuration, else 1]"
)
_GATE = click.option("--no-gate", is_flag=True, help="Read every article, whether it names a topic or not.")


@main.command(epilog=_EPILOG)
@_CORPUS
@_INTO
@_CONFIG
@_ENGINE
@_WORKERS
@_GATE
@click.option("--quiet", "-q", is_flag=True, help="Print no summary.")
@_command
def run(
    corpus: tuple[str, ...], outputs: Path, config_path: Path | None, engine: str | None, workers: int | None, no_gate: bool, quiet: bool
) -> int:
    """Run all stages over CORPUS: files and folders of .txt, .md, .html, .json, .jsonl, .csv, .tsv, .parquet, .warc, .xml, each
    also .gz or .zst; - reads JSONL from standard input.

    \b
    Example: claimledger run news/ archive.jsonl.zst -o outputs
    """
    runner = _runner(outputs, config_path, engine, workers, no_gate)
    report = runner.run(corpus)
    return _report(report, summary=not quiet)


@main.command(epilog=_EPILOG)
@_CORPUS
@_INTO
@_CONFIG
@_ENGINE
@_WORKERS
@_command
def ingest(corpus: tuple[str, ...], outputs: Path, config_path: Path | None, engine: str | None, workers: int | None) -> int:
    """Stage 1: documents to clean articles (tables articles and rejects).

    Example: claimledger ingest news/ -o outputs
    """
    runner = _runner(outputs, config_path, engine, workers, False)
    runner.ingest(corpus)
    return _stage_report(runner)


def _add_stage(name: str, summary: str) -> None:
    @main.command(name, help=f"{summary}\n\nExample: claimledger {name} outputs", epilog=_EPILOG)
    @_OUTPUTS
    @_CONFIG
    @_ENGINE
    @_WORKERS
    @_GATE
    @_command
    def stage(outputs: Path, config_path: Path | None, engine: str | None, workers: int | None, no_gate: bool) -> int:
        runner = _runner(outputs, config_path, engine, workers, no_gate)
        getattr(runner, name)()
        return _stage_report(runner)


_add_stage("entities", "Stage 2: articles to entities, mentions and claims with their claimers.")
_add_stage("stance", "Stage 3: claims to topics, stances and imposers.")
_add_stage("link", "Stage 4: claims to propositions, oppositions and the flat table assertions.")


@main.command()
@_OUTPUTS
@click.argument("article_id")
@_command
def show(outputs: Path, article_id: str) -> None:
    """Print the claims of one article.

    Example: claimledger show outputs n12-neodymium-halt-2
    """
    import pyarrow.compute as pc

    from pipeline.errors import UsageError
    from pipeline.ledger import Ledger
    from pipeline.summary import show_article

    ledger = Ledger.open(outputs)
    articles = ledger.table("articles")
    found = articles.filter(pc.equal(articles["article_id"], article_id)).to_pylist()
    if not found:
        raise UsageError(f"{outputs}: no article {article_id!r}; the ids are in the table articles")
    click.echo(show_article(ledger, found[0], ledger.claims_of(article_id)))


@main.command()
@_OUTPUTS
@_command
def summary(outputs: Path) -> None:
    """Print who asserted what in a run, and what is opposed.

    Example: claimledger summary outputs
    """
    from pipeline.ledger import Ledger
    from pipeline.summary import summarize

    click.echo(summarize(Ledger.open(outputs)))


@main.command()
@_OUTPUTS
@click.option("--topic", help="Only claims about this topic.")
@click.option("--most", type=click.IntRange(1), default=40, show_default=True, help="How many to print.")
@_command
def who(outputs: Path, topic: str | None, most: int) -> None:
    """Print who claims in a run: names, aliases, how often, on which topics and with which stance.

    Example: claimledger who outputs --topic tariffs
    """
    from pipeline.ledger import Ledger
    from pipeline.summary import whos_who

    click.echo(whos_who(Ledger.open(outputs), topic, most))


@main.command()
@click.argument("gold", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--pred", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder of the tables to score.")
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON.")
@_command
def evaluate(gold: tuple[Path, ...], pred: Path, as_json: bool) -> None:
    """Score the tables of a run against gold in the JSONL form (claims) or in PolNeAR's (attributions).

    Example: claimledger run corpus/gold/dev.jsonl --no-gate -o build/dev, then claimledger evaluate corpus/gold/dev.jsonl --pred build/dev
    """
    from pipeline.evaluate.report import evaluate_files, render

    scores = evaluate_files(list(gold), pred)
    click.echo(render(scores, as_json))


@main.group()
def annotate() -> None:
    """Write, check and read gold annotation; see docs/annotating.md."""


@annotate.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@_command
def check(files: tuple[Path, ...]) -> int:
    """Check gold files (.jsonl) or tagged event files (.txt); 1 when something is wrong.

    Example: claimledger annotate check corpus/gold/dev.jsonl
    """
    from pipeline.gold.check import check_file

    problems = [f"{path}: {problem}" for path in files for problem in check_file(path)]
    for problem in problems:
        click.echo(problem)
    click.echo(f"{len(files)} files, {len(problems)} problems")
    return EXIT_SOME_REJECTED if problems else EXIT_OK


@annotate.command()
@click.argument("source", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("target", type=click.Path(path_type=Path, file_okay=False))
@_command
def build(source: Path, target: Path) -> None:
    """Turn tagged event files into train.jsonl, dev.jsonl and test.jsonl (where there are any), oppositions.json and propositions.json.

    Example: claimledger annotate build corpus/gold/source corpus/gold
    """
    from pipeline.gold.build import build_gold

    click.echo(build_gold(source, target))


@annotate.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The HTML page to write.")
@_command
def view(file: Path, output: Path) -> None:
    """Write a gold file (.jsonl) or a tagged event file (.txt) as a page to read.

    Example: claimledger annotate view corpus/gold/dev.jsonl -o dev.html
    """
    from pipeline.gold.view import render_page

    records = _gold_records([file])
    output.write_text(render_page(records), encoding="utf-8")
    click.echo(f"{output}: {len(records)} articles")


@annotate.command()
@click.argument("first", type=click.Path(path_type=Path, exists=True))
@click.argument("second", type=click.Path(path_type=Path, exists=True))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_command
def agree(first: Path, second: Path, as_json: bool) -> None:
    """Score a second annotation against the first: gold files (.jsonl), tagged event files (.txt) or folders of these.

    Example: claimledger annotate agree corpus/gold/source second-annotation
    """
    from pipeline.evaluate.report import render
    from pipeline.gold.agreement import agreement

    folders = [sorted(path.glob("*.txt")) if path.is_dir() else [path] for path in (first, second)]
    scores = agreement(*(_gold_records(files) for files in folders))
    click.echo(render({f"{second} against {first}": scores}, as_json=as_json))


def _gold_records(files: Iterable[Path]) -> list[dict[str, Any]]:
    from pipeline.gold.build import event_records
    from pipeline.gold.records import read_jsonl

    return [record for file in files for record in (event_records(file) if file.suffix == ".txt" else read_jsonl(file))]


def _runner(outputs: Path, config_path: Path | None, engine: str | None, workers: int | None, no_gate: bool) -> Any:
    from dataclasses import replace

    from pipeline.config import load_config
    from pipeline.run import Runner

    config = load_config(config_path)
    chosen = {"engine": engine, "workers": workers, "gate": False if no_gate else None}
    settings = replace(config.run, **{k: v for k, v in chosen.items() if v is not None})  # type: ignore[arg-type]
    return Runner(replace(config, run=settings), outputs)


def _report(report: Any, summary: bool) -> int:
    from pipeline.ledger import Ledger
    from pipeline.summary import summarize, table_lines

    counts = report.counts
    if report.idle:
        click.echo("Nothing to do: the tables are up to date with this corpus and configuration.")
    if summary:
        click.echo(summarize(Ledger.open(report.outputs)) + "\n")
        rows = [(name.removeprefix("rows."), number) for name, number in counts.items() if name.startswith("rows.")]
        click.echo(
            f"{counts['records']:,} records: {counts['articles']:,} articles ({counts['duplicates']:,} of them duplicates), {counts['rejects']:,} rejects"
        )
        click.echo(f"Tables are in {report.outputs}:\n{table_lines(rows)}")
    return _rejected(counts)


def _stage_report(runner: Any) -> int:
    from pipeline.summary import table_lines

    runner.count()
    report = runner.report
    rows = [(name.removeprefix("rows."), number) for name, number in report.counts.items() if name.startswith("rows.")]
    click.echo(f"{'Nothing to do. ' if report.idle else ''}Tables are in {report.outputs}:\n{table_lines(rows)}")
    return _rejected(report.counts)


def _rejected(counts: dict[str, int]) -> int:
    if counts["rows.rejects"]:
        click.echo(f"{counts['rows.rejects']:,} inputs were not used: see the table rejects", err=True)
        return EXIT_SOME_REJECTED
    return EXIT_OK


if __name__ == "__main__":
    main()
