// swift-format-ignore-file
// Written by scripts/reference from the comments in Sources; edit those.

import Settings

extension CodecRecipe {
  /// What the `///` above each setting says.
  public static let comments: SettingComments = [
    "Audio.Resampler": [
      "sinc": "torchaudio's default, a short windowed sinc: −2.4 dB at 0.9 of the lower Nyquist frequency, aliases at −7 to −28 dB above it. MERT's scripts resample with it before EnCodec.",
      "soxr": "libsoxr with its HQ setting, also librosa's default: passes frequencies up to 0.91 of the lower Nyquist frequency, aliases below −130 dB.",
    ],
    "Models.Codec.Config": [
      "channels": "Channels of the waveform: 1 is mono, 2 is stereo.",
      "chunkOverlap": "Share of a chunk that it has in common with the next; belongs with `chunkSeconds`.",
      "chunkSeconds": "Length of the chunks that are encoded by themselves, in seconds; without it a file is encoded as a whole.",
      "compression": "What a residual unit divides its channels by between its two convolutions.",
      "dilationGrowth": "Factor of the dilation from one residual unit of a stage to the next.",
      "filters": "Channels of the first convolution. Each stage of the encoder doubles them.",
      "hasShortcutConvolution": "Whether the shortcut of a residual unit is a learned convolution of one tap rather than the input itself.",
      "isCausal": "Whether a frame depends only on samples before its end: all padding is on the left.",
      "kernel": "Taps of the first convolution of encoder and decoder.",
      "lastKernel": "Taps of the last convolution of encoder and decoder.",
      "lstmLayers": "Layers of the LSTM at the frame rate; 0 leaves it out.",
      "norm": "What is normalised.",
      "normalizesLoudness": "Whether each chunk is divided by its root mean square before it is encoded; needs `chunkSeconds`.",
      "paddingMode": "What the signal is extended by at its ends.",
      "quantizer": "The residual quantiser.",
      "residualKernel": "Taps of the first convolution of a residual unit.",
      "residualUnits": "Residual units of a stage.",
      "sampleRate": "Sample rate of the waveform, in Hz.",
      "strides": "Stride of each of the encoder's stages. The product of all is the number of samples of a frame: 320.",
      "trimRightRatio": "Share of the frames a transposed convolution yields too many that is cut off at its end rather than at its start; other than 1 only in a causal model.",
      "width": "Channels of a latent, which is also the width of a codebook's vectors.",
    ],
    "Models.Codec.Norm": [
      "group": "What a convolution computes, over all channels and the whole signal.",
      "weight": "The weights: each has a length and a direction, both learned.",
    ],
    "Models.Codec.PaddingMode": [
      "reflect": "The signal mirrored at its ends.",
      "zeros": "Zeros at its ends.",
    ],
    "Models.ResidualQuantizer.Config": [
      "codebooks": "Number of codebooks.",
      "codes": "Entries of each codebook; a power of 2.",
    ],
    "Optimisation.AdamW.Config": [
      "beta1": "Decay of the first moment.",
      "beta2": "Decay of the second moment.",
      "clipNorm": "Greatest norm of the whole gradient, to which a longer one is scaled down; 0 does not clip.",
      "decays": "Which parameters decay.",
      "epsilon": "Added to the root of the second moment.",
      "weightDecay": "Decoupled weight decay.",
    ],
    "Optimisation.AdamW.Decays": [
      "all": "All, biases and norms included: fairseq's choice, and that of HuBERT, data2vec and MERT.",
      "weights": "Weights and embeddings; not biases, nor the scales and shifts of norms.",
    ],
    "Optimisation.Schedule.Config": [
      "decaySteps": "Length of the fall at the end of a `triStage` rate, in steps.",
      "kind": "How the rate goes on after the warm-up.",
      "peakRate": "The greatest learning rate.",
      "warmupSteps": "Length of the warm-up, in steps, over which the rate rises to the peak.",
    ],
    "Optimisation.Schedule.Kind": [
      "constant": "Stays at the peak (EnCodec).",
      "cosine": "Falls to 0 along half a cosine.",
      "linear": "Falls in a straight line to 0 at the last step (HuBERT, MERT: fairseq's `polynomial_decay`, power 1).",
      "triStage": "Is held, then falls exponentially to 1 % of the peak (data2vec: fairseq's `tri_stage`). The warm-up begins at 1 % of the peak.",
    ],
    "Pretrain.CodebookLearning.Config": [
      "commitment": "Weight of the commitment: the mean squared distance of the latents from the entries that stand for them. It is not balanced.",
      "decay": "Decay of the running sizes and sums from one update to the next.",
      "dropout": "Chance of a crop to be decoded from fewer codebooks, whose number is then drawn uniformly.",
      "epsilon": "Added to the running size of an entry, which keeps the mean of an unused one finite.",
      "firstIterations": "Iterations of k-means on the first batch, which make the first entries.",
      "firstStep": "Length of the start without codebooks, in steps. The decoder gets the latents themselves until then, and the first entries are centroids of latents that carry the waveform. Those of a random encoder move further in a step than they differ from each other, and no codebook can follow. EnCodec has 0.",
      "leastUse": "Least running size of an entry, as a share of what every entry would have if all were used alike. An entry below it is replaced by a latent of the update. EnCodec's 2 latents are 0.43 of it at 64 crops of a second.",
    ],
    "Pretrain.CodecTraining.Adversary": [
      "discriminators": "Windows and channels of the discriminators.",
      "estimates": "Weight of the loss by the discriminators' estimates of the reconstructions.",
      "features": "Weight of the distance of the discriminators' hidden layers.",
      "probability": "Chance of a step to train the discriminators.",
    ],
    "Pretrain.CodecTraining.Losses": [
      "adversary": "Discriminators that learn to tell reconstructions from originals; `null` leaves them out.",
      "balancer": "Makes weights shares of the gradient, whatever the size of a loss; `null` adds up the weighted losses.",
      "mel": "The distance of mel spectra over windows of several lengths.",
      "time": "Weight of the mean absolute distance of samples.",
    ],
    "Pretrain.CodecTraining.Mel": [
      "scales": "The windows and bands.",
      "weight": "Its weight.",
    ],
    "Pretrain.LossBalancer.Config": [
      "decay": "Decay of the running averages from one update to the next.",
      "epsilon": "Added to the averages, which keeps a loss without a gradient finite.",
    ],
    "Pretrain.MultiScaleDiscriminator.Config": [
      "filters": "Channels of a hidden layer.",
      "slope": "Slope of the leaky ReLU below 0.",
      "windows": "Lengths of the windows, in samples, each a multiple of 4. Each window has a discriminator of its own.",
    ],
    "Pretrain.MultiScaleMel.Config": [
      "bands": "Mel bands of every window. With short windows many of them lie between two bins of the spectrum and are empty.",
      "logarithmWeight": "Weight of the squared distance of logarithms beside the absolute distance of energies.",
      "longestWindow": "Length of the longest window, in samples, a power of two.",
      "lowestFrequency": "Lower edge of the first band, in Hz.",
      "shortestWindow": "Length of the shortest window, in samples, a power of two.",
    ],
    "Tensor.Precision": [
      "bf16": "Operands of products and activations kept for the backward pass are `bfloat16`. Takes half the memory, and half the time where the CPU has `bfloat16` products.",
      "fp32": "Everything in `float32`.",
    ],
    "Train.CodecRecipe": [
      "codebooks": "How the codebooks are learned, and how much the latents keep to them.",
      "codec": "The model: encoder, residual quantiser and decoder.",
      "data": "The crops of audio that the codec is trained on.",
      "kind": "The kind of recipe: `codec`.",
      "losses": "What the reconstructions are judged by.",
      "name": "Name of the run, in folders and reports.",
      "optimizer": "The optimiser, AdamW.",
      "schedule": "The learning rate over the run.",
      "seed": "Seed of everything random: weights, crops, first entries, dropout.",
      "training": "The length of the run, the batch, the log and the checkpoints.",
    ],
    "Train.CropSampler.Config": [
      "cropSeconds": "Length of a crop, in seconds.",
      "decoding": "When audio files are decoded.",
      "resampler": "How files are brought to the encoder's sample rate.",
    ],
    "Train.CropSampler.Decoding": [
      "ahead": "All files before the first step, to a nameless file beside the run: 346 MB per hour of music at 24 kHz. Reading a crop then costs next to nothing.",
      "onDemand": "Each crop when it is needed; nothing is stored. Lengths of files are taken from a manifest; those of a folder are decoded once to find their lengths.",
    ],
    "Train.Recipe.Training": [
      "accumulation": "Number of batches whose gradients are added up for one update. The update has `batchSize · accumulation` crops, in the memory of `batchSize`: those of several GPUs at once, and of fairseq's `update_freq`.",
      "activationCheckpointing": "Whether the backward pass computes each transformer layer again instead of keeping its inner values: a third more work, the same bits, a fraction of the memory.",
      "batchSize": "Size of a batch, in crops, which go through the model at once.",
      "checkpointEvery": "Distance between two checkpoints, in steps.",
      "checkpointMinutes": "Greatest time between two checkpoints, in minutes, also inside a step of many batches; 0 writes them by steps alone.",
      "keepCheckpoints": "Number of the latest checkpoints that are kept.",
      "keepEvery": "Distance between two checkpoints that are kept for good, in steps; `null` keeps none for good.",
      "logEvery": "Distance between two lines of the log, in steps.",
      "precision": "The numbers that a step computes with.",
      "steps": "Length of the run, in steps; each updates the parameters once.",
      "tensorBoard": "Whether the numbers of the log are also written as events for TensorBoard, into the run's folder.",
    ],
  ]
}
