/// The colours of the runs, in turn: the seventh run has the first's again, so a run's name always stands
/// beside its colour.
enum Palette {
  /// Light and dark form of each. Distinct for the colour-blind as well (after Okabe and Ito).
  static let colours = [
    (light: "#1f6fb4", dark: "#6db3f2"), (light: "#c2570c", dark: "#f29a5c"),
    (light: "#1a7d56", dark: "#5cc79b"), (light: "#8a4fb0", dark: "#c79be6"),
    (light: "#b8336a", dark: "#f07fa8"), (light: "#5d6b1f", dark: "#b7c75c"),
  ]

  static var count: Int { colours.count }

  /// Declarations of the custom properties `--c0`, `--c1`...
  static func declarations(_ colour: KeyPath<(light: String, dark: String), String>) -> String {
    colours.enumerated().map { "--c\($0): \($1[keyPath: colour]);" }.joined(separator: " ")
  }
}

/// The page's looks. Nothing is fetched; fonts are the reader's own.
enum Stylesheet {
  static var source: String {
    """
    :root {
      color-scheme: light dark;
      --page: #fbfaf7; --card: #ffffff; --ink: #1c2024; --soft: #5c646c; --line: #e2e0da;
      --good: #17704b; --good-ground: #e6f3ec; --bad: #a83232; --bad-ground: #faeaea;
      \(Palette.declarations(\.light))
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #15181b; --card: #1d2125; --ink: #e6e8ea; --soft: #a0a8b0; --line: #333a40;
        --good: #6fd1a3; --good-ground: #1b3529; --bad: #f09090; --bad-ground: #3b2224;
        \(Palette.declarations(\.dark))
      }
    }
    \(runColours)
    \(layout)
    \(tables)
    \(charts)
    \(contrast)
    \(narrow)
    \(printing)
    """
  }

  private static var runColours: String {
    (0..<Palette.count).map { ".run-\($0) { --run: var(--c\($0)); }" }.joined(separator: "\n")
  }

  private static let layout = """
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body {
      max-width: 1120px; margin: 0 auto; padding: 40px 24px 64px;
      background: var(--page); color: var(--ink);
      font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
      font-variant-numeric: tabular-nums;
    }
    h1 { font-size: 30px; line-height: 1.2; letter-spacing: -.01em; margin: 0 0 8px; }
    h2 { font-size: 21px; line-height: 1.3; margin: 52px 0 6px; }
    h3 { font-size: 16px; margin: 0; }
    p { margin: 6px 0; max-width: 74ch; }
    code, pre { font: 13.5px/1.5 ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; }
    pre {
      background: var(--card); border: 1px solid var(--line); border-radius: 8px;
      padding: 12px 14px; overflow-x: auto;
    }
    h1, h2, h3, p, li, figcaption, table code { overflow-wrap: anywhere; }
    th, td { overflow-wrap: break-word; }
    header p { max-width: none; }
    caption, .spoken, .skip:not(:focus) { position: absolute; width: 1px; height: 1px;
      overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    .spoken { -webkit-user-select: none; user-select: none; }
    .skip { position: absolute; top: 4px; font-size: 14.5px; }
    .soft { color: var(--soft); }
    .facts { margin: 2px 0 0; }
    .small { font-size: 14px; }
    .cards { display: grid; gap: 16px; margin-top: 18px;
      grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); }
    .card {
      background: var(--card); border: 1px solid var(--line); border-top: 4px solid var(--run);
      border-radius: 8px; padding: 16px 18px;
    }
    .card p { font-size: 15px; line-height: 1.5; }
    .chips { display: flex; flex-wrap: wrap; gap: 6px; margin: 10px 0; padding: 0; list-style: none; }
    .chips li {
      font-size: 13.5px; line-height: 1.4; padding: 2px 9px; border-radius: 99px;
      border: 1px solid var(--line); color: var(--soft);
    }
    .chips .learned { background: var(--good-ground); color: var(--good); border-color: transparent; }
    .chips .worse { background: var(--bad-ground); color: var(--bad); border-color: transparent; }
    nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 14px 0 0; padding: 0;
      list-style: none; font-size: 14.5px; }
    a { color: inherit; text-decoration-color: var(--soft); text-underline-offset: 3px; }
    .card details { margin-top: 8px; font-size: 15px; }
    details { margin-top: 14px; }
    summary { cursor: pointer; color: var(--soft); }
    summary:hover { color: var(--ink); }
    :focus-visible { outline: 2px solid var(--c0); outline-offset: 2px; }
    """

  private static let tables = """
    .scroll { position: relative; overflow-x: auto; margin-top: 14px; border: 1px solid var(--line);
      border-radius: 8px; background: var(--card); }
    table { border-collapse: collapse; width: 100%; font-size: 15px; }
    th, td { text-align: left; vertical-align: top; padding: 8px 14px;
      border-top: 1px solid var(--line); }
    thead th { border-top: 0; color: var(--soft); font-weight: 600; vertical-align: bottom; }
    tbody th { font-weight: 400; }
    tbody.group tr + tr > * { border-top: 0; padding-top: 5px; }
    td small, th small { display: block; color: var(--soft); font-size: 13px; }
    .layer { color: var(--soft); font-size: 13px; white-space: nowrap; }
    td.learned { background: var(--good-ground); }
    td.learned .mark { color: var(--good); font-weight: 600; }
    td.worse { background: var(--bad-ground); }
    td.worse .mark { color: var(--bad); font-weight: 600; }
    td.absent { color: var(--soft); }
    .swatch { display: inline-block; min-width: 18px; border-radius: 4px; padding: 0 4px;
      background: var(--run); color: var(--card); font-size: 12px; font-weight: 700;
      line-height: 17px; text-align: center; margin-right: 2px; }
    .published { border-style: dashed; }
    @media screen {
      tbody th { min-width: 160px; }
      tbody.group th { min-width: 184px; }
      tbody th:has(code) { min-width: 230px; }
      td { min-width: 118px; }
      .published td { min-width: 84px; }
      .published td:nth-child(4) { min-width: 215px; }
    }
    """

  private static let charts = """
    .charts { display: grid; gap: 14px; margin-top: 12px;
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); }
    .wide { grid-template-columns: repeat(auto-fill, minmax(min(100%, 440px), 1fr)); }
    .chart { margin: 0; padding: 12px 12px 6px; background: var(--card);
      border: 1px solid var(--line); border-radius: 8px; }
    .chart figcaption { font-size: 14px; font-weight: 600; margin: 0 2px 6px; }
    .chart svg { display: block; width: 100%; height: auto; }
    .sounds { grid-template-columns: repeat(auto-fill, minmax(min(100%, 480px), 1fr)); }
    .chart img, .chart audio { display: block; width: 100%; margin-bottom: 6px; }
    .run-head { margin-top: 26px; }
    .run-head + p { margin-top: 2px; }
    svg text { fill: var(--ink); font: 12px system-ui, -apple-system, "Segoe UI", "Noto Sans",
      "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
    svg .tick, svg .none { fill: var(--soft); font-size: 11.5px; }
    svg .middle, svg .none { text-anchor: middle; }
    svg .end { text-anchor: end; }
    .grid { stroke: var(--line); }
    .axis { stroke: var(--soft); }
    .raw, .smooth { fill: none; stroke: var(--run); stroke-linejoin: round; stroke-linecap: round; }
    .raw { stroke-width: 1; opacity: .38; }
    .smooth { stroke-width: 2.2; }
    .held-out { fill: none; stroke: var(--run); stroke-width: 1.3; stroke-dasharray: 5 3; }
    .plain { --run: var(--soft); }
    .chance { stroke: var(--soft); stroke-width: 1.4; stroke-dasharray: 4 3; }
    .plain-best { stroke: var(--soft); stroke-width: 1.4; stroke-dasharray: 1.5 3; }
    .interval { stroke: var(--run); stroke-width: 2; }
    .interval.folds { stroke-width: 1.5; stroke-dasharray: 2 2.5; }
    .seed { stroke: var(--run); stroke-width: 1; opacity: .8; }
    .full { fill: var(--run); stroke: var(--card); stroke-width: 1; }
    .hollow { fill: var(--card); stroke: var(--run); stroke-width: 2; }
    svg .name { font-weight: 600; stroke: var(--card); stroke-width: 4px; paint-order: stroke; }
    svg .beside { stroke: var(--card); stroke-width: 3px; paint-order: stroke; }
    .band { fill: var(--run); opacity: .14; }
    .faint { opacity: .07; }
    .dash-1 .smooth { stroke-dasharray: 9 4; }
    .dash-2 .smooth { stroke-dasharray: 2 4; }
    .dash-3 .smooth { stroke-dasharray: 10 4 2 4; }
    .thread { fill: none; stroke: var(--run); stroke-width: .8; opacity: .8; }
    svg .number { fill: var(--run); font-size: 11.5px; font-weight: 700; }
    svg .key { font-size: 8.5px; fill: var(--soft); }
    .cell { fill: var(--run); }
    .frame { fill: none; stroke: var(--soft); stroke-width: .8; }
    .gain { --run: var(--good); }
    .loss { --run: var(--bad); }
    .legend { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 10px 0 0; padding: 0;
      list-style: none; font-size: 14px; color: var(--soft); }
    .legend svg { width: 26px; height: 14px; vertical-align: -2px; margin-right: 6px; }
    """

  /// For readers whose system asks for more contrast.
  private static let contrast = """
    @media (prefers-contrast: more) {
      :root { --soft: var(--ink); --line: #808080; }
      .raw, .seed, .thread { opacity: 1; }
      .band { opacity: .3; }
    }
    """

  private static let narrow = """
    @media (max-width: 600px) {
      body { padding: 24px 16px 48px; }
      h1 { font-size: 25px; }
      h2 { font-size: 19px; margin-top: 40px; }
      table { font-size: 14px; }
      th, td { padding: 7px 10px; }
    }
    """

  private static let printing = """
    @media print {
      :root {
        color-scheme: light;
        --page: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc;
        --good: #17704b; --good-ground: #e6f3ec; --bad: #a83232; --bad-ground: #faeaea;
        \(Palette.declarations(\.light))
      }
      * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      @page { margin: 14mm; }
      body { max-width: none; padding: 0; font-size: 9.5pt; }
      table, .card p, .small, .legend, .chips li { font-size: 8.5pt; }
      td small, th small, .layer { font-size: 7.5pt; }
      code, pre, .chart figcaption { font-size: 8pt; }
      h3 { font-size: 10.5pt; }
      .cards, .charts { grid-template-columns: repeat(3, 1fr); gap: 8px; }
      .card { padding: 8px 10px; }
      th, td { padding: 4px 8px; }
      nav, .skip, details.aside { display: none; }
      .charts.wide { grid-template-columns: repeat(2, 1fr); }
      h2 { margin-top: 28px; }
      h2, h2 + p, h3, .legend, .run-head + p { break-after: avoid; }
      .card, .chart, tr, tbody.group { break-inside: avoid; }
      .scroll { overflow: visible; }
      .scroll:has(th:nth-child(9)) :is(th, td) { padding: 3px 2px; font-size: 7pt;
        overflow-wrap: anywhere; }
      .scroll:has(th:nth-child(21)) > table { display: none; }
      .scroll:has(th:nth-child(21))::after { content: "Too many columns for paper: see report.md.";
        display: block; padding: 4px 8px; }
      pre { white-space: pre-wrap; overflow-wrap: anywhere; }
      details::details-content { content-visibility: visible; block-size: auto; }
      summary { list-style: none; }
    }
    """
}
