import Settings

extension Configuration {
  /// - Traps when: a setting is invalid, with the setting and the reason.
  func checked(for user: String) -> Self {
    do { try validate() } catch { preconditionFailure("\(user): \(error)") }
    return self
  }
}
