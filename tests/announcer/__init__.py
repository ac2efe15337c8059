"""Tests of the announcer, from a call to the samples of a loudspeaker."""
