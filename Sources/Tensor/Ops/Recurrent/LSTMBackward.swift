import Kernels

extension LSTMRun {
  /// The gradient through all frames, from the last to the first.
  func gradients(_ dy: Tensor) -> LSTMGradients {
    let weight = PanelMatrix(
      columns: hiddenWeight.converted(to: .float32), as: outputs.dtype)
    let backward = LSTMBackward(run: self, dy: dy.converted(to: .float32), weight: weight)
    for t in (0..<time).reversed() { backward.runFrame(t) }
    backward.setHidden(of: -1)
    return LSTMGradients(
      gates: backward.gates, hidden: backward.hidden.sliced(axis: 1, 0..<width),
      cell: backward.cell.sliced(axis: 1, 0..<width), shape: [batch, time, inputs],
      dtype: outputs.dtype)
  }
}

/// The backward pass, one frame after the other. Blocks of 64 units are cut over the cores.
private struct LSTMBackward {
  let run: LSTMRun
  /// `[B, T, H]`, float32.
  let dy: Tensor
  /// The hidden weight `[4 H, H]` in panels of 64 units.
  let weight: PanelMatrix
  /// The gradient of the sums before the gates, `[B T, 4 H]`.
  let gates: Tensor
  /// The gradients of outputs and cells, carried from frame to frame, `[B, blocks * 64]`.
  let hidden: Tensor
  let cell: Tensor

  init(run: LSTMRun, dy: Tensor, weight: PanelMatrix) {
    (self.run, self.dy, self.weight) = (run, dy, weight)
    gates = .zeros([run.batch * run.time, 4 * run.width])
    hidden = .zeros([run.batch, weight.count * LSTMRun.panel])
    cell = .zeros([run.batch, weight.count * LSTMRun.panel])
  }

  private var row: Int { weight.count * LSTMRun.panel }

  private func forEachBlock(_ body: (_ block: Int) -> Void) {
    let multiplications = max(1, run.batch * LSTMRun.panel * 4 * run.width)
    Cores.parallel(weight.count, grain: max(1, LSTMRun.worthThread / multiplications)) {
      for block in $0 { body(block) }
    }
  }

  func runFrame(_ t: Int) {
    forEachBlock { block in
      setHidden(of: t, block: block)
      let first = block * LSTMRun.panel / LSTMRun.units
      let end = min(first + LSTMRun.panel / LSTMRun.units, run.cells.shape[0])
      for p in first..<end { runFrame(t, panel: p) }
    }
  }

  func setHidden(of t: Int) { forEachBlock { setHidden(of: t, block: $0) } }

  /// The gradient of the outputs at frame `t`: their own, and that of the next frame's gates.
  private func setHidden(of t: Int, block: Int) {
    let (width, first) = (run.width, block * LSTMRun.panel)
    let place = hidden.mutableReals.float32 + first
    for b in 0..<run.batch {
      (place + b * row).update(repeating: 0, count: LSTMRun.panel)
      guard t >= 0 else { continue }
      (place + b * row).update(
        from: dy.floats + (b * run.time + t) * width + first,
        count: min(LSTMRun.panel, width - first))
    }
    guard t + 1 < run.time else { return }
    weight.add(
      panel: block, rows: run.batch, of: gates.reals + (t + 1) * 4 * width,
      rowsApart: run.time * 4 * width, to: place, rowsApart: row)
  }

  private func runFrame(_ t: Int, panel p: Int) {
    let (batch, time, width, units) = (run.batch, run.time, run.width, LSTMRun.units)
    for b in 0..<batch {
      let place = b * row + p * units
      let content = run.cells.floats + ((p * (time + 1) + t) * batch + b) * units
      etude_lstm_cells_gradient(
        gates.mutableReals.float32 + (b * time + t) * 4 * width + p * units, width,
        cell.mutableReals.float32 + place, hidden.floats + place,
        run.gates.floats + ((p * time + t) * batch + b) * LSTMRun.panel,
        content + batch * units, content, min(units, width - p * units))
    }
  }
}
