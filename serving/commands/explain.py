"""``lanewise explain``: why a case got its action, and why not another one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import NotThere
from serving.commands.options import Json
from serving.commands.report import Report

if TYPE_CHECKING:
    from decisions.plan import Plan


def explain(
    plan_file: Annotated[
        Path, typer.Argument(metavar="PLAN.json", help="A plan, or a problem folder with --solution.")
    ],
    case: Annotated[str, typer.Argument(metavar="CASE", help="A case of the plan, such as a shipment_id.")],
    action: Annotated[
        str | None, typer.Argument(metavar="ACTION", help="Why not this one: expedite, retender:C7, …")
    ] = None,
    solution: Annotated[
        Path | None,
        typer.Option("--solution", metavar="FILE.json", help="What `lanewise solve` answered to the problem folder."),
    ] = None,
    json_file: Json = None,
) -> None:
    """Say why a case got its action, or why not another one, who holds what it lacks, and what it costs to insist."""
    report = Report(json_file)
    if solution is None and plan_file.is_dir():
        raise NotThere(
            f"{plan_file} is a problem folder; give its answer too: `lanewise solve {plan_file} --out answer.json`, "
            "then --solution answer.json"
        )
    if solution is None:
        _of_plan(report, plan_file, case, action)
    else:
        _of_problem(report, plan_file, solution, case, action)


def _of_plan(report: Report, file: Path, case: str, action: str | None) -> None:
    """From the plan, and from its prices where its problem lies beside it."""
    from decisions.explain import explain as explain_case
    from decisions.plan_desk import read_desk

    plan, desk = read_desk(file)
    found = explain_case(plan, case, action, desk)
    report.show(found.text if desk else f"{found.text}\n{_no_prices(plan, file)}", found.document())


def _of_problem(report: Report, folder: Path, solution: Path, case: str, action: str | None) -> None:
    """From the prices of a problem's answer, which is verified first."""
    from optimization.problem_folder import read_problem
    from optimization.questions.told import told_of
    from optimization.solution_file import read_solution
    from optimization.verify import verify

    problem = read_problem(folder)
    answer = read_solution(solution, problem)
    verify(problem, answer)
    told = told_of(problem, answer, case, action)
    report.show("\n".join(told.lines), {name: one.document() for name, one in told.answers.items()})


def _no_prices(plan: "Plan", file: Path) -> str:
    """Why prices, holders and the cost of insisting are not told."""
    if plan.certificate.priced_bound_cents is None:
        return "note: this plan was made before prices were kept; make it again to see them"
    return f"note: no prices, because the plan's problem {file.with_suffix('.d').name} is not beside it"
