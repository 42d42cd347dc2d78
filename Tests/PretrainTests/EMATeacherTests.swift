import Models
import Pretrain
import Tensor
import TestSupport
import Testing

@Suite struct EMATeacherTests {
  private var config = EMATeacher.Config()
  private let student: AudioEncoder
  private let frames = Tensor.normal([2, 9, 12], seed: 4)

  init() throws {
    (config.decay.start, config.decay.end, config.decay.steps) = (0.5, 0.9, 4)
    config.targets.topLayers = 1
    student = try .random(.tiny)
  }

  /// Another student of the same shape.
  private func moved() throws -> AudioEncoder { try .random(.tiny, seed: 2) }

  @Test func beginsAsItsStudent() throws {
    let teacher = try EMATeacher(config, student: student)
    let state = teacher.state
    #expect(state.count == student.parameters.count)
    for (path, tensor) in student.parameters { #expect(state[path]!.scalars == tensor.scalars) }
  }

  /// The transformer follows by the decay of the step; front end, projection, mask embedding and
  /// positions are the student's own.
  @Test func followsTheTransformerAndCopiesTheRest() throws {
    var teacher = try EMATeacher(config, student: student)
    let moved = try moved()
    teacher.follow(moved, step: 2)
    let decay = Float(0.7)
    var followed = 0
    for ((path, before), (_, target)) in zip(student.parameters, moved.parameters) {
      let found = try #require(teacher.state[path])
      if path.hasPrefix("transformer.") {
        followed += 1
        expectClose(found, before * decay + target * (1 - decay), relative: 1e-6)
      } else {
        #expect(found.scalars == target.scalars, "\(path)")
      }
    }
    #expect(followed == 2 + 2 * 16)
  }

  /// The student goes its way; the teacher that followed it does not change with it.
  @Test func isACopy() throws {
    var teacher = try EMATeacher(config, student: student)
    var moving = try moved()
    teacher.follow(moving, step: 1)
    let before = teacher.state.mapValues(\.scalars)
    moving.update { _, parameter in parameter.update { $0[0] += 1 } }
    #expect(teacher.state.mapValues(\.scalars) == before)
  }

  /// By hand: what the last feed-forward block puts out, each channel normed over time.
  @Test func teachesItsLastFeedForwardOutput() throws {
    let teacher = try EMATeacher(config, student: student)
    let pass = ForwardPass.evaluating(keeping: .feedForwardOutputs)
    _ = student.contextualise(frames, in: pass)
    let expected = pass.feedForwardOutputs[1].normalizedOverTime()
    let targets = teacher.targets(for: frames)
    #expect(targets.shape == [2, 9, 12])
    expectClose(targets, expected, relative: 1e-6)
  }

  @Test func noGradientReachesFramesOrTeacher() throws {
    let leaf = frames.tracked()
    let teacher = try EMATeacher(config, student: student)
    let loss = ((leaf - teacher.targets(for: leaf)).squared()).sum()
    let gradient = try #require(loss.gradients()[leaf])
    // That of (x - constant)².
    expectClose(gradient, (frames - teacher.targets(for: frames)) * 2, relative: 1e-5)
  }

  @Test func goesOnFromItsState() throws {
    var teacher = try EMATeacher(config, student: student)
    teacher.follow(try moved(), step: 1)
    var other = try EMATeacher(config, student: try AudioEncoder.random(.tiny, seed: 3))
    try other.restore(teacher.state)
    #expect(other.targets(for: frames).scalars == teacher.targets(for: frames).scalars)
    var state = teacher.state
    state["maskEmbedding"] = nil
    #expect { try other.restore(state) } throws: { "\($0)".contains("maskEmbedding") }
  }

  /// A batch with one masked frame, as short windows or spans draw now and then: nothing is spread over one frame.
  @Test func aSingleFrameHasALossAndNoSpread() throws {
    var early = config
    early.collapse.patience = 0
    let tiny = TinyPretraining { $0.objective.regression = TeacherRegression.Config() }
    let model = try tiny.model()
    let teacher = try EMATeacher(early, student: model.encoder)
    func loss(_ indices: [[Int]], _ pass: ForwardPass) throws -> Loss {
      let masked = MaskedFrames(frames: tiny.frames, indices: indices)
      return try model.loss(tiny.batch, masked: masked, teacher: teacher, in: pass)
    }
    for pass in [ForwardPass.training(seed: 1, step: 5, samples: [0, 1]), .evaluating()] {
      let one = try loss([[3], []], pass)
      #expect(one.total.scalar > 0 && one.terms.keys.sorted() == ["regression"])
      let two = try loss([[3], [4]], pass).terms.keys.sorted()
      #expect(two == ["predictionSpread", "regression", "targetSpread"])
    }
  }

  @Test func numbersThatDoNotFit() {
    var deep = config
    deep.targets.topLayers = 3
    #expect(throws: EMAError.noSuchLayers(top: 3, layers: 2)) {
      try EMATeacher(deep, student: student)
    }
    var slow = config
    slow.decay.start = 1.5
    #expect(throws: EMAError.self) { try EMATeacher(slow, student: student) }
  }
}
