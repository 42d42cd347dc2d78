import Evaluate

/// Shows what a run of MARBLE's tasks does, on standard error.
final class MarbleProgress {
  private var line: (title: String, line: ProgressLine)?

  func show(_ event: Marble.Event) {
    switch event {
    case .data(let task, let dataset): note("\(task): \(dataset.inWords)")
    case .missing(let task, let reason): note("\(task) is left out: \(reason)")
    case .failed(let task, let model, let reason): note("\(task), \(model) has no score: \(reason)")
    case .waiting(let task, let model, let holder):
      note("embed \(task) by \(model): \(holder ?? "another process") does that and is waited for")
    case .embedding(let task, let model, let done, let total):
      show("embed \(task) by \(model)", done, of: total)
    case .probing(let task, let model, let done, let total):
      show("probe \(task) on \(model)", done, of: total)
    case .epoch(let task, let model, let epoch, let score):
      note("\(task), \(model): epoch \(epoch), validation score \((score * 1000).rounded() / 1000)")
    case .score(let outcome): note("\(outcome.task), \(outcome.model): \(outcome.inWords)")
    }
  }

  private func show(_ title: String, _ done: Int, of total: Int) {
    if line?.title != title { line = (title, ProgressLine(title)) }
    line?.line.show(done, of: total)
  }
}

/// Shows what another rank than the first does: a line when it begins with the probes of a task, and their score.
final class RankMarbleProgress {
  private let rank: String
  private var current = ""

  init(_ rank: String) { self.rank = rank }

  func show(_ event: Marble.Event) {
    switch event {
    case .probing(let task, let model, _, _): begin("probes \(task) on \(model)")
    case .epoch(let task, let model, _, _): begin("trains for \(task) with \(model)")
    case .failed(let task, let model, let reason):
      note("\(rank): \(task), \(model) has no score: \(reason)")
    case .score(let outcome): note("\(rank): \(outcome.task), \(outcome.model): \(outcome.inWords)")
    case .data, .missing, .waiting, .embedding: break
    }
  }

  private func begin(_ words: String) {
    if words != current { note("\(rank) \(words)") }
    current = words
  }
}
