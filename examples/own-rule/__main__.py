import pulumi_aws as aws

aws.sagemaker.ModelPackageGroup("Ranker", model_package_group_name="Ranker")
aws.sagemaker.ModelPackageGroup("churn", model_package_group_name="team-a-churn")
