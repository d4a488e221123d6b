"""Style sheet of the pages, for light and dark, wide and narrow screens, and paper."""

from __future__ import annotations

from typing import Final

from mirror.colours import DARK, LIGHT


def _variables(colours: dict[str, str]) -> str:
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())


STYLE: Final = f"""
:root {{ color-scheme: light dark; {_variables(LIGHT)} }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}
* {{ box-sizing: border-box; }}
body {{ margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 62rem; background: var(--paper);
       color: var(--ink);
       font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }}
h1 {{ margin: 0; font-size: 1.8rem; line-height: 1.25; }}
h2 {{ margin: 2.5rem 0 .5rem; font-size: 1.25rem; break-after: avoid; }}
h1, .subtitle, p, li, dd, figcaption, .words td:last-child {{ overflow-wrap: anywhere; }}
.subtitle {{ margin: .2rem 0 0; color: var(--dim); }}
.aside {{ font-size: .875rem; color: var(--dim); }}
.verdict {{ padding: .6rem 1rem; border-left: .4rem solid var(--in-phase);
           background: var(--raised); font-weight: 600; }}
.verdict.failed {{ border-color: var(--anti-phase); }}
.wide {{ overflow-x: auto;
        background:
          linear-gradient(to right, var(--paper) 40%, transparent) left / 3rem 100% local,
          linear-gradient(to left, var(--paper) 40%, transparent) right / 3rem 100% local,
          linear-gradient(to right, var(--line), transparent) left / .9rem 100% scroll,
          linear-gradient(to left, var(--line), transparent) right / .9rem 100% scroll;
        background-repeat: no-repeat; }}
p, ul, figcaption {{ max-width: 46rem; }}
ul {{ padding-left: 1.2rem; }}
table {{ border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums;
        margin: .5rem 0 1rem; }}
table.many {{ font-size: .8rem; }}
.many th, .many td {{ padding-right: .6rem; }}
.many td:not(.number) {{ min-width: 5rem; }}
tbody th {{ white-space: nowrap; font-weight: 600; }}
caption {{ text-align: left; color: var(--dim); padding-bottom: .3rem;
          max-width: min(46rem, 100vw - 2rem); }}
th, td {{ padding: .25rem .9rem .25rem 0; text-align: left; vertical-align: top;
         border-bottom: 1px solid var(--line); }}
thead th {{ border-bottom: 2px solid var(--ink); vertical-align: bottom; }}
.number {{ text-align: right; }}
td.number {{ white-space: nowrap; }}
.words td, .words th {{ white-space: normal; min-width: 3.5rem; }}
figure {{ margin: 1.5rem 0; }}
figure svg {{ display: block; max-width: 100%; height: auto; }}
figure svg.narrow {{ display: none; }}
figcaption {{ font-size: .9rem; margin-top: .4rem; }}
figcaption b {{ display: block; }}
a {{ color: var(--in-phase); }}
.side {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr));
        gap: 0 2rem; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; font-size: .9rem; }}
dt {{ font-weight: 600; }}
dd {{ margin: 0; }}
@media screen and (max-width: 40rem) {{
  body {{ padding: 1rem 1rem 3rem; }}
  figure svg.broad {{ display: none; }}
  figure svg.narrow {{ display: block; }}
  table, table.many {{ font-size: .78rem; }}
  th, td, .many th, .many td {{ padding-right: .45rem; }}
  tbody th {{ white-space: normal; }}
  dl {{ display: block; }}
  dd {{ margin: 0 0 .5rem; }}
}}
@media print {{
  @page {{ margin: 16mm 15mm; }}
  body {{ max-width: none; padding: 0; font-size: 10.5pt; }}
  h2 {{ margin-top: 1.5rem; }}
  figure, tr, li, dd {{ break-inside: avoid; }}
  p {{ orphans: 3; widows: 3; }}
  thead {{ display: table-header-group; }}
  .wide {{ overflow: visible; background: none; }}
  .side {{ grid-template-columns: 1fr 1fr; gap: 0 1rem; }}
  .download {{ display: none; }}
}}
"""
