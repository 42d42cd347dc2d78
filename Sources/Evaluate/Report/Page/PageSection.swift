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
  /// Links to all of them.
  var contents: Markup {
    let links = map { section -> Markup in
      """
      <li><a href="#\(section.id)">\(section.title)</a></li>
      """
    }
    return """
      <nav aria-label="Contents">
      <ul>
      \(links)
      </ul>
      </nav>
      """
  }
}
