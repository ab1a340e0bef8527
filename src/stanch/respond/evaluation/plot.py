"""The reliability plot as SVG: what was said against what was, with the exact interval of each bin."""

from collections.abc import Iterator

from stanch.respond.evaluation.score import Score

SIDE, EDGE = 320, 40
STYLE = (
    "svg{font:12px system-ui,sans-serif;color-scheme:light dark;background:light-dark(#fff,#16181d)}"
    "text{fill:light-dark(#222,#ddd)}line{stroke:light-dark(#888,#777)}circle{fill:light-dark(#1d5fa8,#6cb0ff)}"
    ".even{stroke-dasharray:4 4}.bar{stroke:light-dark(#1d5fa8,#6cb0ff)}"
)


def reliability(found: Score) -> str:
    """A self-contained SVG; a point on the dashed line was as likely as it was said to be."""
    whole = SIDE + 2 * EDGE
    body = "".join((*_frame(), *_points(found)))
    ece = "unknown" if found.ece is None else f"{found.ece:.3f}"
    title = f"Reliability: n = {found.weighed}, ECE {ece}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" role="img" aria-label="{title}">'
        f'<style>{STYLE}</style><text x="{EDGE}" y="20">{title}</text>{body}</svg>\n'
    )


def _frame() -> Iterator[str]:
    low, high = EDGE, EDGE + SIDE
    yield f'<line x1="{low}" y1="{high}" x2="{high}" y2="{high}"/><line x1="{low}" y1="{high}" x2="{low}" y2="{low}"/>'
    yield f'<line class="even" x1="{low}" y1="{high}" x2="{high}" y2="{low}"/>'
    yield f'<text x="{low + SIDE / 2}" y="{high + 30}" text-anchor="middle">probability that was said</text>'
    turned = f"translate(14 {low + SIDE / 2}) rotate(-90)"
    yield f'<text transform="{turned}" text-anchor="middle">share that were attacks</text>'
    for mark in (0, 0.5, 1):
        yield f'<text x="{_x(mark)}" y="{high + 14}" text-anchor="middle">{mark:g}</text>'
        yield f'<text x="{low - 6}" y="{_y(mark) + 4}" text-anchor="end">{mark:g}</text>'


def _points(found: Score) -> Iterator[str]:
    for one in found.bins:
        x, y = _x(one.said), _y(one.was.value or 0)
        yield f'<line class="bar" x1="{x:.1f}" y1="{_y(one.was.low):.1f}" x2="{x:.1f}" y2="{_y(one.was.high):.1f}"/>'
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"><title>{one.was.right} of {one.n}</title></circle>'


def _x(share: float) -> float:
    return EDGE + SIDE * share


def _y(share: float) -> float:
    return EDGE + SIDE * (1 - share)
