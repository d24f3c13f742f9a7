"""A stand-in for Amazon Web Services: a provider plugin for the real engine, and the few questions boto3 asks.

`pulumi-resource-aws` in this folder is the plugin. The folder named by MODELBERTH_STAND_IN_AWS is the cloud:
`cloud.json` holds what lies in it, `faults.json` what shall go wrong. Never part of the shipped package.
"""
