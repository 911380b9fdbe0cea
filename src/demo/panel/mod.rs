//! The simulated RemnaWave panel, versions 2 and 3.
