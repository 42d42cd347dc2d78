/// A part of a page: a heading that links lead to, and what stands under it.
struct PageSection {
  /// The heading's anchor.
  let id: String
  let title: String
  let body: Markup

  var markup: Markup {
    """
    <section aria-labelledby="\(id)">
    <h2 id="\(id)">\(title)</h2>
    \(body)
    </section>
    """
  }
}

extension [PageSection] {
  /// Links to all of them, and before them one past them, which is seen when the keyboard reaches it.
  var contents: Markup {
    let links = map { section -> Markup in
      """
      <li><a href="#\(section.id)">\(section.title)</a></li>
      """
    }
    return """
      <a class="skip" href="#main">Skip the contents</a>
      <nav aria-label="Contents">
      <ul>
      \(links)
      </ul>
      </nav>
      """
  }
}
