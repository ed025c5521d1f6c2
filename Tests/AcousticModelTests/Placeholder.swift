// AcousticModel
