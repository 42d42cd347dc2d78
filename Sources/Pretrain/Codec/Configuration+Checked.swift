import Settings
import Tensor

extension Configuration {
  /// - Traps when: a setting is invalid, with the setting and the reason.
  func checked(for user: String) -> Self {
    do { try validate() } catch { precondition(false, "\(user): \(error)") }
    return self
  }
}
