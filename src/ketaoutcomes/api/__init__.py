"""What Python users call: functions of a data frame or a plan, behind `import ketaoutcomes`."""
