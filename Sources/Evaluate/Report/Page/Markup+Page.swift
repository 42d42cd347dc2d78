extension Markup {
  /// A whole HTML page with the reports' looks: what stands at its top, and its sections.
  static func page(title: String, top: [Markup], _ sections: [Markup]) -> Markup {
    """
    <!DOCTYPE html>
    <html lang="en-GB">
    <head>
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <title>\(title)</title>
    <style>
    \(Markup(stringLiteral: Stylesheet.source))
    </style>
    </head>
    <body>
    \(top)
    <main id="main">
    \(sections)
    </main>
    </body>
    </html>

    """
  }
}
