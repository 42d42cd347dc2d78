// All storeys by one import.

@_exported import Audio
@_exported import Cluster
@_exported import Corpus
@_exported import Evaluate
@_exported import Files
@_exported import HDF5
@_exported import MelModels
@_exported import Models
@_exported import Optimisation
@_exported import Pretrain
@_exported import Settings
@_exported import Tensor
@_exported import Train
@_exported import YAML
